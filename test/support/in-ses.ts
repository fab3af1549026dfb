/** What SES has of setups that the API in the provider keeps there, read from the sandbox as no client can. */
import type { Identity, SesRegion, Tag, Tenant } from "../../sandbox/ses/state.js";
import type { DnsRecordResponse } from "../../sdk/index.js";

/** What carries the id of one setup. */
export interface SetupParts {
	readonly id: string;
	readonly tenant: Tenant | undefined;
	readonly identity: Identity | undefined;
	readonly isWhole: boolean;
	readonly workspaceId: string | undefined;
	/** Of the resource that makes it. */
	readonly mark: string | undefined;
}

type Tagged = Pick<Tenant | Identity, "tags">;

const tagOf = (resource: Tagged | undefined, key: string) =>
	resource?.tags.find(({ Key }) => Key === key)?.Value;

/** Of the setup that it is of. */
export const setupIdOf = (resource: Tagged) => tagOf(resource, "channels-setup-id");

export const withoutOurTags = (tags: readonly Tag[]) =>
	tags.filter(({ Key }) => !Key.startsWith("channels-"));

/** Every setup, whole or not. */
export function setupsIn({ tenants, identities }: SesRegion): SetupParts[] {
	const ids = new Set([...tenants.values(), ...identities.values()].map(setupIdOf));
	ids.delete(undefined);
	return ([...ids] as string[]).map((id) => {
		const isIts = (each: Tagged) => setupIdOf(each) === id;
		const tenant = [...tenants.values()].find(isIts);
		const identity = [...identities.values()].find(isIts);
		return {
			...{ id, tenant, identity },
			isWhole: identity !== undefined && tenant?.resources.has(identity.arn) === true,
			workspaceId: tagOf(tenant ?? identity, "channels-workspace-id"),
			mark: tagOf(tenant ?? identity, "channels-create"),
		};
	});
}

/** Deletes a setup by hand. An identity that was there before it stays, without our tags. */
export function deleteIn({ tenants, identities }: SesRegion, { tenant, identity }: SetupParts): void {
	if (identity) {
		if (tagOf(identity, "channels-adopted") === undefined) {
			for (const each of tenants.values()) each.resources.delete(identity.arn);
			identities.delete(identity.name);
		} else identity.tags = withoutOurTags(identity.tags);
	}
	if (tenant) tenants.delete(tenant.name);
}

/** What the owner of a domain is asked to publish. */
export function recordsIn(
	{ region }: SesRegion,
	{ name, dkim, mailFrom }: Identity,
	dmarcPolicy = "none",
): DnsRecordResponse[] {
	const record = (address: string, type: DnsRecordResponse["type"], value: string): DnsRecordResponse => ({
		...{ address, type, record: value },
		verified: false,
	});
	const tokens = dkim.by === "ses" ? dkim.tokens : [];
	const hostedZone = dkim.by === "ses" ? dkim.hostedZone : "";
	return [
		...tokens.map((token) => record(`${token}._domainkey.${name}`, "CNAME", `${token}.${hostedZone}`)),
		record(name, "MX", `10 inbound-smtp.${region}.amazonaws.com`),
		record(`_dmarc.${name}`, "TXT", `v=DMARC1; p=${dmarcPolicy}`),
		...(mailFrom
			? [
					record(mailFrom.domain, "MX", `10 feedback-smtp.${region}.amazonses.com`),
					record(mailFrom.domain, "TXT", "v=spf1 include:amazonses.com ~all"),
				]
			: []),
	];
}
