/**
 * Strings with `${…}` over one vocabulary (ROUTES.md §1). Parsed when a table is compiled, read per request.
 * Logic is JSONata, not templates: this file only puts values in places.
 */
export {}
