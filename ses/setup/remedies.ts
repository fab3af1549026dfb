import type { SetupInSes } from "./setup.js";

/** What a person does about what others have changed in SES, as sentences: that depends on who runs the setups. */
export interface Remedies {
	/** Such as "Delete the setup and create it anew." */
	readonly anew: string;
	/** How SES comes to look again for what it gave up. @param when such as "now that they stand" */
	readonly lookAgain: (when: string) => string;
	/** How a setup's MAIL FROM domain is set again. */
	readonly setMailFrom: (setup: Pick<SetupInSes, "id">) => string;
}
