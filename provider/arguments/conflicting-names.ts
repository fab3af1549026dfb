import { canonicalName } from "../../dns/index.js";
import type { ArgumentProblem } from "./checks.js";
import type { SesSetupInputs } from "./inputs.js";
import { hasUnknown } from "./unknown.js";

type Names = Pick<SesSetupInputs, "tenantName" | "domainIdentity">;

/**
 * A tenant and a domain belong to one setup, so two resources that share only one of them cannot both be. Those that share
 * both are one setup.
 *
 * @param others the other resources of the program, with the names by which people know them.
 */
export function conflictingNames(
	{ tenantName, domainIdentity }: Names,
	others: readonly (Names & { name: string })[],
): ArgumentProblem[] {
	if (hasUnknown([tenantName, domainIdentity])) return [];
	for (const other of others) {
		if (hasUnknown([other.tenantName, other.domainIdentity])) continue;
		const isSameTenant = tenantName === other.tenantName;
		if (isSameTenant === (canonicalName(domainIdentity) === canonicalName(other.domainIdentity))) continue;
		const property = isSameTenant ? "tenantName" : "domainIdentity";
		const differs = isSameTenant ? `domain ${other.domainIdentity}` : `tenant ${other.tenantName}`;
		const rule = isSameTenant
			? "a tenant has one domain. Give each domain a tenant of its own"
			: "a domain has one tenant. Declare it once";
		const shared = JSON.stringify(isSameTenant ? other.tenantName : other.domainIdentity);
		const reason = `${shared} is declared by ${other.name} of this program already, with the ${differs}: ${rule}`;
		return [{ property, reason }];
	}
	return [];
}
