/** Front door of the server of results. */
export { serve } from './server.ts';
