import { canonicalName } from "../../../dns/index.js";
import type { SesSetupListItemResponse } from "../../../sdk/contract.js";

/** What a setup is registered by. */
export interface Names {
	tenant: string;
	domain: string;
}

export const isSame = (item: SesSetupListItemResponse, { tenant, domain }: Names): boolean =>
	item.tenant_name === tenant && canonicalName(item.domain_identity) === domain;
