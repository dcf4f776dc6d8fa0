// Unread messages, shown in the menu and counted down by the inbox page.
import { ref } from 'vue'

export const unread = ref(0)
