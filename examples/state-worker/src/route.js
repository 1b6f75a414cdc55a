// Paths: /PROJECT/NAME, …/lock, …/versions, …/versions/SERIAL.

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

// { project, name, part: "state" | "lock" | "versions" | "version", serial }, or null.
export function routeOf(url) {
  const [project, name, part, serial, ...rest] = new URL(url).pathname.split("/").slice(1);
  if (!NAME.test(project ?? "") || !NAME.test(name ?? "") || rest.length > 0) return null;
  if (part === undefined) return { project, name, part: "state" };
  if (part === "versions" && /^[0-9]{1,15}$/.test(serial ?? ""))
    return { project, name, part: "version", serial: Number(serial) };
  return serial === undefined && ["lock", "versions"].includes(part) ? { project, name, part } : null;
}
