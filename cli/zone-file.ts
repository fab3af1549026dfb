import { Command } from "commander";
import { canonicalName, isWithin, toZoneFile } from "../dns/index.js";
import { defaults } from "../provider/arguments/description.js";
import { refuseAsked } from "../provider/core/inputs.js";
import { usageError } from "./command-failure.js";
import { addConnectionOptions, addMxOption, type ConnectionOptions, withWorld } from "./connect.js";
import { readRoute53 } from "./route53-options.js";
import { addSelectionOptions, readSelection, readSetups, type SelectionOptions } from "./selection.js";
import type { Terminal } from "./terminal.js";

interface ZoneFileOptions extends ConnectionOptions, SelectionOptions {
	ttl?: string;
	origin?: string;
}

/** `channels zone-file`: the records of a setup, for any DNS provider that reads zone files. */
export function zoneFileCommand(edge: Terminal): Command {
	const command = new Command("zone-file").description(
		"print the records of a setup in the format of a zone file (RFC 1035)",
	);
	addSelectionOptions(command, { several: false })
		.option("--ttl <seconds>", `time to live of the records (default ${defaults.ttl})`)
		.option("--origin <zone>", "write names relative to this zone; default: absolute names");
	return addMxOption(addConnectionOptions(command)).action(async (options: ZoneFileOptions) => {
		const selection = readSelection(options, { several: false });
		const { ttl = defaults.ttl } = readRoute53({ ttl: options.ttl });
		const origin = options.origin === undefined ? undefined : canonicalName(options.origin);
		await withWorld(edge, options, async (world) => {
			for (const setup of await readSetups(world, selection)) {
				if (origin !== undefined && !isWithin(setup.domain_identity, origin)) {
					throw usageError(
						`--origin: ${setup.domain_identity} does not lie in ${origin}; give a zone that covers it`,
					);
				}
				refuseAsked(setup.dns_records, setup.domain_identity, undefined);
				edge.status("");
				edge.document(toZoneFile(setup.dns_records, { ttl, ...(origin !== undefined && { origin }) }));
			}
		});
	});
}
