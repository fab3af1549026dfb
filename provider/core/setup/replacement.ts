import type { DnsRecord } from "../../shapes.js";
import type { Names, SetupRef } from "../channels/setup.js";
import { lines, saying, UserError } from "../errors.js";
import type { SetupInputs } from "../inputs.js";
import type { World } from "../world.js";
import { liveSetup } from "./live.js";
import { namesIn, plainRecords, plansOf } from "./plans.js";
import { preflight } from "./preflight.js";

/** The setup that is replaced. */
interface Old extends Names {
	id: string;
	home: Pick<SetupRef, "account" | "region">;
	records: DnsRecord[];
	/** It is gone already. */
	missing: boolean;
	/** It stays, and so do its records. */
	retained: boolean;
}

/**
 * Makes the reads that a new setup begins with while the one that it replaces still stands: that one has to go first,
 * and names that cannot be had, or a zone that cannot take the records, would leave nothing.
 *
 * @throws UserError with what would keep the new one from being made.
 */
export async function foreseeReplacement(world: World, old: Old, news: SetupInputs): Promise<void> {
	const names = namesIn(news);
	if (old.retained) await refuseRetainedNames(world, old, names);
	try {
		const { existing } = await world.channels.look(world, names, {
			adopt: news.adoptExisting ?? false,
			going: (id) => id === old.id || world.claims.isReplaced(id),
		});
		if (news.route53) {
			const plans = plansOf(news, existing && plainRecords(existing));
			await preflight(world, { ...plans, going: old.retained ? [] : old.records });
		}
	} catch (error) {
		world.stop.throwIfAborted();
		throw saying(lines(whatBecomesOf(old), error as Error), error);
	}
}

function whatBecomesOf({ id, tenant, domain, missing, retained }: Old): string {
	const setup = `setup ${id} (tenant ${tenant}, domain ${domain})`;
	if (missing)
		return `${setup} is gone, and the one that takes its place could not be made. So its records stay.`;
	return retained
		? `${setup} would be kept, and the one in its place could not be made.`
		: `${setup} would be deleted before the one that replaces it is made, and that one could not be made. So it stays.`;
}

/**
 * The engine goes by what the state has of the option, so taking it away and changing the names takes two runs.
 *
 * @throws UserError where what stays has a name that the new one needs.
 */
async function refuseRetainedNames(world: World, old: Old, names: Names): Promise<void> {
	const shared = [
		old.tenant === names.tenant && `tenant ${old.tenant}`,
		old.domain === names.domain && `domain ${old.domain}`,
	].filter((name) => name !== false);
	if (shared.length === 0 || !(await liveSetup(world, { ...old, ...old.home }))) return;
	throw new UserError(
		"names-retained",
		lines(
			`setup ${old.id} (tenant ${old.tenant}, domain ${old.domain}) would stay registered, because \`retainOnDelete\` ` +
				`keeps what is replaced, and ${shared.join(" and ")} cannot be registered twice.`,
			"To have it deleted, take the option away, run `pulumi up` with the names of before, then change them: Pulumi goes by " +
				"what the last `up` had of the option. To keep it, give the new setup another tenantName and another domainIdentity.",
		),
	);
}
