import type { DmarcPolicy, Ses } from "../../../../ses/index.js";
import type { Home } from "../setup.js";

/** What of the settings decides which records a new setup asks for. */
export interface RecordSettings {
	/** The label of its MAIL FROM domain; null where that is SES's. */
	readonly mailFrom: string | null;
	/** Whether it is to receive mail, where the region does. */
	readonly mx: boolean;
	readonly dmarcPolicy: DmarcPolicy;
}

/** SES, and whose it is. */
export interface Here {
	readonly ses: Ses;
	readonly home: Required<Home>;
	/** A failure of SES as a person reads it; any other error as it is. */
	readonly told: (error: unknown) => unknown;
}
