import type { DnsRecord } from "../../shapes.js";
import { lines, saying } from "../errors.js";
import type { SetupInputs } from "../inputs.js";
import type { World } from "../world.js";
import { type Names, namesIn, plainRecords, plansOf } from "./plans.js";
import { preflight } from "./preflight.js";
import { lookForNames } from "./registration.js";

/**
 * Makes the reads that a new setup begins with while the one that it replaces still stands: that one has to go first,
 * and names that cannot be had, or a zone that cannot take the records, would leave nothing.
 *
 * @throws UserError with what would keep the new one from being made.
 */
export async function foreseeReplacement(
	world: World,
	old: Names & { id: string; records: DnsRecord[]; missing: boolean },
	news: SetupInputs,
): Promise<void> {
	const names = namesIn(news);
	try {
		const { existing } = await lookForNames(world, names, {
			adopt: news.adoptExisting ?? false,
			going: (id) => id === old.id || world.claims.isReplaced(id),
		});
		if (news.route53) {
			const plans = plansOf(news, existing && plainRecords(existing));
			await preflight(world, { ...plans, going: old.records });
		}
	} catch (error) {
		world.stop.throwIfAborted();
		throw saying(
			lines(
				old.missing
					? `setup ${old.id} (tenant ${old.tenant}, domain ${old.domain}) is gone, and the one that takes its place could not ` +
							"be made. So its records stay."
					: `setup ${old.id} (tenant ${old.tenant}, domain ${old.domain}) would be deleted before the one that replaces it ` +
							"is made, and that one could not be made. So it stays.",
				(error as Error).message,
			),
			error,
		);
	}
}
