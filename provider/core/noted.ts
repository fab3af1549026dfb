import { IncompleteError, UserError } from "./errors.js";
import type { Handler } from "./handler.js";
import type { Declared } from "./run.js";

/** The handler, and the run of its world takes note of what it does. */
export function noted<Inputs extends object, Outputs extends object>(
	handler: Handler<Inputs, Outputs>,
): Handler<Inputs, Outputs> {
	const { kind } = handler;
	return {
		...handler,

		async diff(outset, id, olds, news) {
			const difference = await outset.run.compares(async () => handler.diff(outset, id, olds, news));
			if (difference.replaces?.length) outset.run.goes(outset.urn, id);
			else outset.run.stays(outset.urn, { kind, inputs: news, id });
			return difference;
		},

		async delete(world, id, olds) {
			const { run } = world;
			if (run.isLeaving(id)) {
				await run.untilDeclared(world);
				if (run.contradiction)
					throw new UserError(`nothing is replaced in this run, because ${run.contradiction}.`);
			}
			return handler.delete(world, id, olds);
		},

		async create(world, inputs) {
			const declared: Declared = { kind, inputs };
			world.run.stays(world.urn, declared);
			try {
				const made = await handler.create(world, inputs);
				declared.id = made.id;
				return made;
			} catch (error) {
				if (error instanceof IncompleteError) declared.id = error.id;
				throw error;
			}
		},
	};
}
