import { existsSync, readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// What is bundled into the page, and so has to be named with its license beside it.
const bundled = ['react', 'react-dom', 'scheduler', 'uplot', '@fontsource-variable/source-sans-3'];

/** Writes notices.txt: the licenses of what is in the page, which they ask to be handed on with it. */
function notices(): Plugin {
  return {
    name: 'affekt-notices',
    apply: 'build',
    generateBundle() {
      const parts = bundled.map(name => {
        const folder = new URL(`./node_modules/${name}/`, import.meta.url);
        const about = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
        const license = ['LICENSE', 'LICENSE.md', 'LICENSE.txt']
          .map(file => new URL(file, folder))
          .find(file => existsSync(file));
        if (!license) this.error(`${name} has no license file`);
        return `${name} ${about.version} (${about.license})\n\n${readFileSync(license, 'utf8').trim()}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'notices.txt', source: parts.join(`\n${'-'.repeat(78)}\n\n`) });
    },
  };
}

/** Puts the repository's sample beside the page, built or in development. */
function sample(): Plugin {
  const file = new URL('../samples/sample.mp4', import.meta.url);
  return {
    name: 'affekt-sample',
    configureServer(server) {
      server.middlewares.use('/sample.mp4', (_, response) => {
        response.setHeader('Content-Type', 'video/mp4');
        response.end(readFileSync(file));
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'sample.mp4', source: readFileSync(file) });
    },
  };
}

// In development the page comes from here and its data from a server, or the mock, on the usual port.
const server = process.env.AFFEKT_SERVER ?? 'http://127.0.0.1:5280';

export default defineConfig({
  base: './',
  plugins: [react(), notices(), sample()],
  // No file becomes a data: address, which the server's content security policy refuses for fonts and scripts.
  build: { assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 600 },
  worker: { format: 'es' },
  server: { proxy: { '/v1': { target: server, ws: true }, '/healthz': server, '/readyz': server } },
});
