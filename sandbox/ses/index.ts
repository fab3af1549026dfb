export { createSes, type Ses, type SesOptions } from "./service.js";
