import type { UseCaseResponse } from "../../../sdk/contract.js";
import { lines, UserError } from "../errors.js";

/** So many are named at most. */
const named = 10;

/** Use cases refer to a setup that was to go. */
export function inUse(id: string, domain: string | undefined, users: readonly UseCaseResponse[]): UserError {
	return new UserError(
		"setup-in-use",
		lines(
			`setup ${id}${domain ? ` (${domain})` : ""} is still in use, so neither it nor its DNS records were removed.`,
			...users
				.slice(0, named)
				.map(
					({ id, name, entity_name, channel }) => `  use case ${id}: ${name} (${channel}, ${entity_name})`,
				),
			...(users.length > named ? [`  … and ${users.length - named} more`] : []),
			"Delete these use cases first, then run `pulumi destroy` again.",
		),
	);
}
