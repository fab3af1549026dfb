/** What a setup is to be, from its arguments. */
import { canonicalName } from "../../../dns/index.js";
import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import type { DnsRecord } from "../../shapes.js";
import type { Names, SetupRef } from "../channels/setup.js";
import { resolveRoute53, type SetupInputs, type SetupOutputs } from "../inputs.js";
import type { PreflightInput } from "./preflight.js";

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

/** By what the API finds a setup again. */
export const refOf = (
	id: string,
	{ tenantName, domainIdentity, account, region, dnsRecords }: Partial<SetupOutputs>,
): SetupRef => ({
	...{ id, account, region, records: dnsRecords },
	...(tenantName !== undefined && { tenant: tenantName }),
	...(domainIdentity !== undefined && { domain: canonicalName(domainIdentity) }),
});
