export { type CnameLookup, checkDkim } from "./dkim.js";
export { createSes, type Ses, type SesOptions } from "./service.js";
export type { DkimStatus, Identity, Limits, SesRegion, Tag, Tenant } from "./state.js";
