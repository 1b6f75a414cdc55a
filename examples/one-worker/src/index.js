// Greets in the language of the path: /fr.
export default {
  async fetch(request, env) {
    const settings = await env.GREETINGS.get("settings", "json");
    const language = new URL(request.url).pathname.slice(1) || settings.default;
    const greeting = await env.GREETINGS.get(language);
    if (greeting === null) return new Response("no such language\n", { status: 404 });
    return new Response((settings.shout ? greeting.toUpperCase() : greeting) + "\n");
  },
};
