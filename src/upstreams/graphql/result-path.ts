/** What of `data` a route answers, where it is no expression. */

/** Names with dots between them lead into the data; anything else is an expression. */
export const resultPath = /^[_A-Za-z][_0-9A-Za-z]*(?:\.[_A-Za-z][_0-9A-Za-z]*)*$/
