// Renders a page once an hour.
export default {
  async fetch(request, env) {
    if ((await env.FLAGS.get("maintenance")) === "on") return new Response("back soon", { status: 503 });
    const path = new URL(request.url).pathname;
    const kept = await env.PAGES.get(path);
    if (kept !== null) return new Response(kept);
    const page = `This is ${path}, rendered at ${new Date().toISOString()}.`;
    await env.PAGES.put(path, page, { expirationTtl: 3600 });
    return new Response(page);
  },
};
