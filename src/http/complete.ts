/** On answers that are made of many: `true`, or `false` where a part is missing and `errors` says why (ROUTES.md §6). */
export const COMPLETE_FIELD = 'isogate-complete'
