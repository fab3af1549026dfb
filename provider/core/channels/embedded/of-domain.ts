import type { Deadline } from "../../../../ses/index.js";
import { lines, UserError } from "../../errors.js";
import type { Operation } from "../../operation.js";
import { homeInWords } from "../place.js";
import type { Here } from "./here.js";
import { type Located, located, named, tenantOf } from "./locate.js";

/**
 * The setup of a domain.
 *
 * @param deadline for each call
 * @throws UserError that says what stands in its place.
 */
export async function setupOfDomain(
	here: Here,
	operation: Operation,
	domain: string,
	deadline: () => Deadline,
): Promise<Located> {
	const { ses, home } = here;
	using forIdentity = deadline();
	const identity = await ses.identity(domain, forIdentity);
	const where = homeInWords(home);
	if (identity === undefined)
		throw notThere(
			`${where} does not have the domain ${domain}. If it is in another account or region, name that: --ses-region, --ses-profile, or AWS_REGION and AWS_PROFILE.`,
		);
	const { owner: id, workspaceId } = identity;
	if (id === undefined)
		throw notThere(
			`Domain ${domain} stands in ${where} and belongs to no setup: another tool made it, or somebody by hand.`,
			"`adoptExisting: true` takes it in. If a stack has had it before, run `pulumi refresh` there first.",
		);
	if (workspaceId !== home.workspaceId)
		throw notThere(
			`Domain ${domain} belongs to setup ${id} of workspace ${workspaceId} in ${where}, and this is workspace ${home.workspaceId}.`,
		);
	using forHolders = deadline();
	// Others may have taken it out of its tenant.
	const tenant =
		(await tenantOf(ses, { id, domain }, forHolders)) ?? (await searched(here, operation, id, deadline));
	if (tenant?.owner === id) return { ...located(id, tenant), domain, identity };
	throw notThere(
		`Domain ${domain} belongs to setup ${id}, whose tenant ${where} does not have.`,
		"If a run is removing the setup, wait for its end. Otherwise run `pulumi refresh`, then `pulumi up`, in its stack.",
	);
}

async function searched(here: Here, operation: Operation, id: string, deadline: () => Deadline) {
	const found = await named(here, operation, { id }, deadline);
	using forTenant = deadline();
	return await tenantOf(here.ses, found, forTenant);
}

const notThere = (...words: string[]) => new UserError("setup-not-found", lines(...words));
