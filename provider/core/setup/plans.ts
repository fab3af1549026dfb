/** What a setup is to be, from its arguments. */
import { canonicalName } from "../../../dns/index.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../../sdk/contract.js";
import type { DnsRecord } from "../../shapes.js";
import { resolveRoute53, type SetupInputs } from "../inputs.js";
import type { PreflightInput } from "./preflight.js";

/** What a setup is registered by. */
export interface Names {
	tenant: string;
	/** Canonical. */
	domain: string;
}

export const isSame = (item: SesSetupListItemResponse, { tenant, domain }: Names): boolean =>
	item.tenant_name === tenant && canonicalName(item.domain_identity) === domain;

export const namesIn = ({ tenantName, domainIdentity }: SetupInputs): Names => ({
	tenant: tenantName,
	domain: canonicalName(domainIdentity),
});

/** @param records those of the setup, where it exists already. */
export const plansOf = (inputs: SetupInputs, records: DnsRecord[] | undefined): PreflightInput => ({
	domain: canonicalName(inputs.domainIdentity),
	route53: resolveRoute53(inputs.route53 ?? {}),
	waitPurpose: inputs.waitPurpose,
	records,
});

export const plainRecords = (setup: Pick<SesSetupDetailResponse, "dns_records">): DnsRecord[] =>
	setup.dns_records.map(({ address, type, record }) => ({ address, type, record }));
