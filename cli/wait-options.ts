import { argumentProblems } from "../provider/arguments/checks.js";
import type { Purpose } from "../provider/arguments/inputs.js";
import { purposeOfWait } from "../provider/arguments/record-kinds.js";
import { unknownValue } from "../provider/arguments/unknown.js";
import type { Route53Inputs } from "../provider/core/inputs.js";
import { usageError } from "./command-failure.js";
import { optionOf, present } from "./route53-options.js";

/** `waitForVerification` as a program has it. */
export interface Wait {
	timeout?: string;
	purpose?: Purpose | Purpose[];
}

/** What `--purpose` takes. */
export const purposes = "all, sending or receiving; several separated by commas";

/** The argument that a program would have. @throws Failure naming the option and the right form */
export function readWait(fields: { timeout?: string | undefined; purpose?: string | undefined }): Wait {
	const several = fields.purpose?.includes(",") ? fields.purpose.split(",") : fields.purpose;
	const wait = present({ ...fields, purpose: several });
	const unknown = { setupId: unknownValue, dnsRecords: unknownValue };
	const [problem] = argumentProblems("Verification", { ...unknown, ...wait });
	if (problem) throw usageError(`${optionOf(problem.property)} ${problem.reason}`);
	return wait as Wait;
}

/** @throws Failure where the program would wait for what it does not publish */
export function requireServed(route53: Route53Inputs | undefined, wait: Wait | undefined): void {
	const names = { tenantName: unknownValue, domainIdentity: unknownValue };
	const waitPurpose = wait && purposeOfWait(wait.purpose, route53);
	const [problem] = argumentProblems("SesSetup", { ...names, route53, waitPurpose });
	if (problem) throw usageError(`${optionOf(problem.property)} ${problem.reason}`);
}
