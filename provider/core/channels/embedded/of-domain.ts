import type { Deadline } from "../../../../ses/index.js";
import { lines, UserError } from "../../errors.js";
import type { Operation } from "../../operation.js";
import { placeInWords } from "../elsewhere.js";
import type { SetupRef } from "../setup.js";
import type { Here } from "./here.js";
import { named } from "./locate.js";

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
): Promise<SetupRef> {
	const { ses, home } = here;
	using forIdentity = deadline();
	const identity = await ses.identity(domain, forIdentity);
	const where = `Amazon SES of ${placeInWords(home)}`;
	if (identity === undefined)
		throw notThere(`${where} does not have the domain ${domain}. Is it in another account or region?`);
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
	for (const name of await ses.holders(domain, undefined, forHolders)) {
		const tenant = await ses.tenant(name, forHolders);
		if (tenant?.owner === id) return { id, domain, tenant: name };
	}
	// Others may have taken it out of its tenant.
	const { tenant } = await named(here, operation, { id }, deadline);
	if (tenant !== undefined) return { id, domain, tenant };
	throw notThere(
		`Domain ${domain} belongs to setup ${id}, whose tenant ${where} does not have.`,
		"If a run is removing the setup, wait for its end. Otherwise run `pulumi refresh`, then `pulumi up`, in its stack.",
	);
}

const notThere = (...words: string[]) => new UserError("setup-not-found", lines(...words));
