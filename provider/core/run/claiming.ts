import { IncompleteError } from "../errors.js";
import { type Handler, isReplaced } from "../handler.js";
import type { Declared } from "./claims.js";

/** The handler, and the claims of its run are told what it keeps, makes and replaces. */
export function claiming<Inputs extends object, Outputs extends object>(
	handler: Handler<Inputs, Outputs>,
): Handler<Inputs, Outputs> {
	const { kind } = handler;
	return {
		...handler,

		async diff(world, id, olds, news) {
			const difference = await handler.diff(world, id, olds, news);
			if (isReplaced(difference)) world.claims.replace(world.urn, id);
			else world.claims.keep(world.urn, { kind, inputs: news, id });
			return difference;
		},

		async create(world, inputs) {
			const declared: Declared = { kind, inputs };
			world.claims.keep(world.urn, declared);
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
