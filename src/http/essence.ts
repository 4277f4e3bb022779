/** The type and subtype of a media type (RFC 9110 §8.3.1), in lower case, without parameters; empty where there is none. */
export function essenceOf(contentType: string | null | undefined): string {
  const [essence = ''] = (contentType ?? '').split(';', 1)
  return essence.trim().toLowerCase()
}
