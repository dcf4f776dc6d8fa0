import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import elementPlus from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

// The dev server forwards to a running `pujiang serve`; production is served by the binary itself.
const backend = process.env.PUJIANG_DEV_BACKEND ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), elementPlus({ format: 'esm' })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': backend, '/healthz': backend } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 2048,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (/node_modules\/(echarts|zrender)\//.test(id)) return 'echarts'
          if (/node_modules\/(@?vue|vue-router)\//.test(id)) return 'vue'
          return undefined
        },
      },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
