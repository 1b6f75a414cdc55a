// Greets in the language of the path, /fr, as far as it has one.
export default {
  async fetch(request, env) {
    const settings = await env.GREETINGS.get("settings", "json");
    const language = new URL(request.url).pathname.slice(1) || settings.default;
    const greeting = (await env.GREETINGS.get(language)) ?? (await env.GREETINGS.get(settings.default));
    return new Response((settings.shout ? greeting.toUpperCase() : greeting) + "\n");
  },
};
