import type { Deadline, FoundTenant, Ses } from "../../../../ses/index.js";
import type { Names } from "../setup.js";
import type { Look } from "./standing.js";

/** Looks at what SES has under the names of a setup. As a rule two calls, at the same time. */
export async function lookAt(
	ses: Ses,
	{ tenant: tenantName, domain }: Names,
	deadline: Deadline,
): Promise<Look> {
	const [tenant, identity] = await Promise.all([
		ses.tenant(tenantName, deadline),
		ses.identity(domain, deadline),
	]);
	const domains = tenant ? await ses.domainsIn(tenantName, deadline) : [];
	const isHeld = identity !== undefined && !domains.includes(domain);
	const holders = isHeld ? await holdersOf(ses, domain, tenantName, deadline) : [];
	return { tenant, identity, domains, holders };
}

async function holdersOf(
	ses: Ses,
	domain: string,
	tenantName: string,
	deadline: Deadline,
): Promise<FoundTenant[]> {
	const names = await ses.holders(domain, undefined, deadline);
	const others = names.filter((name) => name !== tenantName);
	const found = await Promise.all(others.map((name) => ses.tenant(name, deadline)));
	return found.filter((tenant) => tenant !== undefined);
}
