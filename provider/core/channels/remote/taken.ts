import type { SesSetupListItemResponse } from "../../../../sdk/contract.js";
import type { ConflictError } from "../../../../sdk/errors.js";
import { lines, UserError } from "../../errors.js";
import { SetupExistsError, toManageItHere } from "../exists.js";
import { isSame, type Names } from "../setup.js";

export const ifItExists = ({ tenant, domain }: Names) =>
	`If the next \`up\` says that a setup of tenant ${tenant} and domain ${domain} exists after all, set \`adoptExisting: true\`.`;

/** Of a first request that may arrive once what is in its way has gone. */
export const stillToCome = (names: Names) =>
	`The answer to the first request of this run got lost. ${ifItExists(names)}`;

const maybeOurs =
	"This run has sent its request again, because no answer came, and the first request may have made it. Nothing was " +
	"taken over. If that setup goes, the first request may still make another one, which the next `up` names. If no other stack or pipeline manages it, set `adoptExisting: true` and run `pulumi up` again. If one does, " +
	"leave it there and read it with SesSetup.get.";

/** Names the setups that are in the way, after a 409 or before it. In doubt, what exists may be of this very run. */
export function takenBy(
	similar: readonly SesSetupListItemResponse[],
	names: Names,
	cause?: ConflictError,
): UserError {
	const { tenant, domain } = names;
	const options = cause && { cause };
	const doubt = cause?.inDoubt ? stillToCome(names) : undefined;
	const exact = similar.find((item) => isSame(item, names));
	if (exact) {
		const what = `${exact.id} (tenant ${tenant}, domain ${domain}, created ${exact.created_at})`;
		return new SetupExistsError(
			doubt ? "setup-perhaps-ours" : "setup-exists",
			lines(`the workspace has this setup already: ${what}.`, doubt ? maybeOurs : toManageItHere),
			exact.id,
			doubt,
			options,
		);
	}
	return new UserError(
		"names-taken",
		lines(
			"the workspace has a setup of the same tenant or domain, and only one of the two is the same:",
			...similar.map((item) => `  ${item.id}: tenant ${item.tenant_name}, domain ${item.domain_identity}`),
			"Choose another tenantName or domainIdentity, or delete that setup.",
			doubt,
		),
		options,
	);
}
