/** What a setup is to those who use it, and by what it is found. */
import { canonicalName } from "../../../dns/index.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../../sdk/contract.js";
import type { DnsRecord } from "../../shapes.js";

/** What a setup is registered by. */
export interface Names {
	readonly tenant: string;
	/** Canonical. */
	readonly domain: string;
}

export const isSame = (item: SesSetupListItemResponse, { tenant, domain }: Names): boolean =>
	item.tenant_name === tenant && canonicalName(item.domain_identity) === domain;

/** Where a setup is. */
export interface Home {
	readonly workspaceId: string;
	/** Of AWS, where the API is the one in the provider. */
	readonly account?: string;
	readonly region?: string;
}

/** Which setup is meant: its id, and what else the state knows by which it is found. */
export interface SetupRef extends Partial<Names> {
	readonly id: string;
	/** Of AWS, see {@link Home}. */
	readonly account?: string | undefined;
	readonly region?: string | undefined;
	/** What it asked for when it was last seen. */
	readonly records?: readonly DnsRecord[] | undefined;
}

/** A setup as the API has it now, its records checked live. */
export interface Setup extends SesSetupDetailResponse {
	readonly home: Home;
	/** Whether its identity is out of its tenant, where that shows. */
	readonly isApart?: boolean;
	/**
	 * Whether this very resource has taken an identity of others in, and was interrupted before the state had it: what stands
	 * of the identity's records is theirs.
	 */
	readonly hasTakenIn?: boolean;
}

/** What a check tells of a setup. */
export interface CheckedSetup
	extends Pick<Setup, "id" | "domain_identity" | "dns_records" | "dns_checked_at" | "home"> {
	/** Why it does not send yet, where none of its records shows it, in a sentence. */
	readonly withheld?: string | undefined;
}

/** What there is of the names, before they are registered. */
export interface NamesLook {
	/** The setup that is to be taken over, and is there. */
	readonly existing: Setup | undefined;
	/** Whether an identity is taken in that stands in SES, and belongs to no setup. */
	readonly takesIn?: boolean;
	/** False where the key may not list: only the registration tells then. */
	readonly seen: boolean;
}
