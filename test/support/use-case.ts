import { expect } from "vitest";
import { apiOf } from "./channels-api.js";
import type { Stage } from "./stage.js";

/**
 * Makes a use case `Acme/Receipts <label>`, which forbids that the setup of `mail.<label>.test` is deleted.
 *
 * @returns deletes it
 */
export async function makeUseCase(
	stage: Stage,
	setupId: string,
	label: string,
): Promise<() => Promise<unknown>> {
	const api = apiOf(stage.service);
	const { status, body } = await api<{ id: string }>("POST", "/use-cases", {
		json: {
			channel: "email",
			entity_name: "Acme",
			name: `Receipts ${label}`,
			setup_id: setupId,
			sender_email_address: `hello@mail.${label}.test`,
			email_type: "transactional",
		},
	});
	expect(status).toBe(201);
	return () => api("DELETE", `/use-cases/${body.id}`);
}
