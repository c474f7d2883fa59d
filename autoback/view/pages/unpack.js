// The page's own script, with all its comments, is compressed in the element before this one; unpacked, it is checked
// against its hash in the page's policy, and runs. In the browser's developer tools it can be read as it was written.
(async () => {
  const bytes = Uint8Array.from(atob(document.getElementById("packed").textContent), (letter) => letter.charCodeAt(0));
  const script = document.createElement("script");
  script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  document.body.append(script);
})();
