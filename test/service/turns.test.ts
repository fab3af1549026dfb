import { expect, it } from "vitest";
import { Turns } from "../../service/setups/turns.js";

const never = new AbortController().signal;

/** Until all that can be done without time has been done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it("lets so many be under way at once, so many of one workspace, and takes workspaces in turn", async () => {
	const turns = new Turns({ atOnce: 3, ofWorkspace: 2 });
	const underWay: [name: string, turn: Disposable][] = [];
	const names = () => underWay.map(([name]) => name);
	for (const name of ["a1", "a2", "a3", "a4", "b1", "b2", "c1"])
		void turns.take(name.slice(0, 1), never).then((turn) => underWay.push([name, turn]));
	const end = async () => {
		underWay.shift()?.[1][Symbol.dispose]();
		await settled();
		return names();
	};
	await settled();
	expect(names()).toEqual(["a1", "a2", "b1"]);
	expect(await end()).toEqual(["a2", "b1", "a3"]);
	expect(await end()).toEqual(["b1", "a3", "b2"]);
	expect(await end()).toEqual(["a3", "b2", "c1"]);
	expect(await end()).toEqual(["b2", "c1", "a4"]);
});

it("lets whoever gives up leave, and counts them no more", async () => {
	const turns = new Turns({ atOnce: 1, ofWorkspace: 1 });
	const first = await turns.take("a", never);
	const patience = new AbortController();
	const leaving = turns.take("b", patience.signal);
	const staying = turns.take("c", never);
	patience.abort(new Error("enough"));
	await expect(leaving).rejects.toThrow("enough");
	first[Symbol.dispose]();
	(await staying)[Symbol.dispose]();
	await turns.take("b", never);
});
