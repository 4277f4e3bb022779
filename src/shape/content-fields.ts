/** Fields that tell of the bytes of a body, and so are no longer true once it is another. */

/** RFC 9110 §8.4, §8.6, §14; RFC 1864; RFC 3230; RFC 9530. */
export const staleFields: readonly string[] = [
  'content-length',
  'content-encoding',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'accept-ranges',
  'content-range',
]
