/* What the cards share; and names for icon buttons and a voice for answers, which the chat page lacks. */
(function () {
  /* A press of a card's button, sent under the session that the page is connected by: while it connects,
     the chat library opens several, and a card may know one that was given up. Tries again until there is
     one. Pressing twice does a thing once, so trying again is safe. Gives { ok } or { ok: false, message }. */
  let session = '';
  window.rulewrightPress = async function (name, payload, lost) {
    for (let tries = 0; tries < 10; tries++) {
      if (tries) await new Promise((done) => setTimeout(done, 900));
      try {
        const answer = ((await send({ sessionId: session, action: { name, payload } })) || {}).response || {};
        if (!answer.again) return answer.ok ? answer : { ok: false, message: answer.message || lost };
      } catch (error) { /* not reached: the next try may be */ }
    }
    return { ok: false, message: lost };
  };
  async function send(body) {
    const headers = { 'Content-Type': 'application/json' };
    return (await ask('/project/action', { method: 'POST', headers, body: JSON.stringify(body) })).json();
  }

  const NAMES = [
    ['#chat-submit', 'Send'], ['#stop-button', 'Stop'], ['#new-chat-button', 'New conversation'],
    ['#theme-toggle', 'Light or dark'], ['#readme-button', 'How this works'], ['#user-nav-button', 'Your account'],
    ['#sidebar-trigger-button', 'Show or hide conversations'], ['#search-chats-button', 'Search conversations'],
    ['.positive-feedback-off, .positive-feedback-on', 'Good answer'],
    ['.negative-feedback-off, .negative-feedback-on', 'Something is wrong'],
    ['#chat-profiles', 'How you work'], ['#thread-options', 'Options of this conversation']
  ];
  const ICONS = {
    'lucide-copy': 'Copy', 'lucide-thumbs-up': 'Good answer', 'lucide-thumbs-down': 'Something is wrong',
    'lucide-message-circle': 'Change your comment', 'lucide-eye': 'Show the password', 'lucide-eye-off': 'Hide the password',
    'lucide-search': 'Search conversations', 'lucide-square-pen': 'New conversation', 'lucide-sun': 'Light or dark',
    'lucide-moon': 'Light or dark', 'lucide-ellipsis': 'Options', 'lucide-x': 'Close', 'lucide-arrow-down': 'Scroll down',
    'lucide-panel-left': 'Show or hide conversations', 'lucide-sidebar': 'Show or hide conversations'
  };

  function named(button) {
    return button.getAttribute('aria-label') || button.textContent.trim() || button.title;
  }
  function nameButtons() {
    for (const [selector, name] of NAMES) {
      document.querySelectorAll(selector).forEach((b) => { if (!named(b)) b.setAttribute('aria-label', name); });
    }
    document.querySelectorAll('button, a[role="button"]').forEach((b) => {
      if (named(b)) return;
      const icon = b.querySelector('svg');
      const kind = icon && Array.from(icon.classList).find((c) => ICONS[c]);
      if (kind) b.setAttribute('aria-label', ICONS[kind]);
      else if (b.id) b.setAttribute('aria-label', b.id.replace(/-(button|trigger)/g, '').replace(/-/g, ' '));
    });
    document.getElementById('email')?.setAttribute('autocomplete', 'username');
    document.getElementById('password')?.setAttribute('autocomplete', 'current-password');
    const input = document.getElementById('chat-input');
    if (input && !input.getAttribute('aria-label')) input.setAttribute('aria-label', 'Your message');
  }
  function giveVoice() {
    const step = document.querySelector('[data-step-type]');
    const list = step && step.parentElement;
    if (list && list.getAttribute('role') !== 'log') {
      list.setAttribute('role', 'log');
      list.setAttribute('aria-live', 'polite');
      list.setAttribute('aria-label', 'Conversation');
    }
  }
  /* A server that is started again knows no page that is open: wait for it, then open this
     conversation anew. Until then the question who is signed in waits too; without an answer the
     page would take its person for signed out. */
  const ask = window.fetch.bind(window);
  const pause = (millis) => new Promise((done) => setTimeout(done, millis));
  async function birth() {
    try {
      return (await (await ask('/health', { cache: 'no-store' })).json()).since;
    } catch (error) {
      return '';
    }
  }
  const born = birth();
  let watching = false;
  async function watch() {
    if (watching) return;
    watching = true;
    let now = '';
    while (!(now = await birth())) await pause(1500);
    watching = false;
    if (now !== (await born) && (await born)) window.location.reload();
  }
  window.fetch = async function (resource, options) {
    const path = new URL(typeof resource === 'string' ? resource : resource.url, window.location.href).pathname;
    if (path !== '/user') return ask(resource, options);
    for (;;) {
      try {
        return await ask(resource, options);
      } catch (error) {
        watch();
        await pause(1500);
      }
    }
  };
  window.WebSocket = class extends window.WebSocket {
    constructor(...address) {
      super(...address);
      this.addEventListener('close', watch);
      this.addEventListener('message', (event) => {
        if (this.wanted && String(event.data).startsWith('40')) session = this.wanted;
      });
    }
    send(data) {
      const asked = /^40.*"sessionId":"([^"]+)"/.exec(data);
      if (asked) this.wanted = asked[1];
      super.send(data);
    }
  };

  /* On a phone the page forgets which conversation it shows; the address keeps it for a reload. */
  window.addEventListener('message', (event) => {
    const thread = event.source === window && event.data && event.data.rulewright_thread;
    if (!/^[0-9a-f-]{36}$/.test(thread || '') || window.innerWidth >= 768) return;
    if (window.location.pathname === '/') window.history.replaceState(window.history.state, '', '/thread/' + thread);
  });
  let waiting = false;
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; nameButtons(); giveVoice(); });
  }
  new MutationObserver(later).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'id'] });
  later();
})();
