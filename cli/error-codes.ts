import type { ErrorCode } from "../provider/core/error-codes.js";

/** The codes of the command's own errors; the others are the provider's. */
export const errorCodes = ["option-invalid", "file-not-written", "setups-not-importable"] as const;

export type CommandErrorCode = (typeof errorCodes)[number] | ErrorCode;
