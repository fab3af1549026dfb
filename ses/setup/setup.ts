import type { DnsRecordResponse } from "../../sdk/contract.js";

/** What a setup has in SES, and asks for. */
export interface SetupInSes {
	readonly id: string;
	readonly workspaceId: string;
	readonly tenantName: string;
	readonly domain: string;
	/** What stands before its domain in its MAIL FROM domain; null where that is SES's. */
	readonly mailFrom: string | null;
	readonly dnsRecords: readonly DnsRecordResponse[];
}
