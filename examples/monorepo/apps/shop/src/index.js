// Tells what an order costs to send.
export default {
  async fetch(request, env) {
    if ((await env.FLAGS.get("maintenance")) === "on") return new Response("back soon", { status: 503 });
    const from = await env.SETTINGS.get("free_shipping_from", "json");
    return Response.json({ free_shipping_from: from, currency: await env.SETTINGS.get("currency") });
  },
};
