// Start of the browser app: theme, session, routes.

import { createApp } from 'vue'
import App from './App.vue'
import { router, toLogin } from './router'
import { restoreSession } from './session/session'
import './theme/tokens.css'
import './theme/base.css'
import './theme/controls.css'

restoreSession(toLogin)
createApp(App).use(router).mount('#app')
