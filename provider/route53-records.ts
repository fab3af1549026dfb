import type * as pulumi from "@pulumi/pulumi";
import type { Route53RecordsArgs } from "./args.js";
import { ChannelsResource } from "./channels-resource.js";
import type { KeptRecordSet, WrittenRecordSet } from "./shapes.js";

/**
 * The records of one setup in one Route 53 hosted zone, written in one atomic batch. It owns exactly the
 * values it wrote: destroy removes those and nothing else.
 *
 * Its id is the setup's UUID.
 */
export class Route53Records extends ChannelsResource {
	/** Id of the setup that the records belong to. */
	declare readonly setupId: pulumi.Output<string>;
	/** Id of the hosted zone that they are in. */
	declare readonly zoneId: pulumi.Output<string>;
	/** Its name, without a trailing dot. */
	declare readonly zoneName: pulumi.Output<string>;
	/** What was written, precisely. */
	declare readonly written: pulumi.Output<WrittenRecordSet[]>;
	/** What was left as it stood. */
	declare readonly kept: pulumi.Output<KeptRecordSet[]>;

	/** @throws when the option `import` is given. */
	constructor(name: string, args: Route53RecordsArgs, options: pulumi.CustomResourceOptions = {}) {
		super(
			"Route53Records",
			name,
			{ ...args },
			["zoneId", "zoneName", "written", "kept"].filter((key) => !(key in args)),
			options,
		);
	}
}
