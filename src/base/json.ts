/** A JSON value, as it stands in plans and histories. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
