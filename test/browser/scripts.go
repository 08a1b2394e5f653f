package browser

// helpers are JavaScript that the functions below begin with: describe names an element for whoever reads a finding, hex is a computed
// colour as six hexadecimal digits, empty if something shines through it, and ground is the colour behind an element's content.
const helpers = `
  const describe = (element) => {
    const classes = typeof element.className === 'string' ? element.className.trim() : '';
    const text = (element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 60);
    return element.tagName.toLowerCase() + (element.id && '#' + element.id) + (classes && '.' + classes.replace(/ +/g, '.')) +
      ' ' + JSON.stringify(text);
  };
  const hex = (colour) => {
    const found = colour.match(/^rgb\((\d+), (\d+), (\d+)\)$/);
    return found ? found.slice(1).map((n) => (+n).toString(16).padStart(2, '0')).join('') : '';
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return hex(colour);
    }
    return 'ffffff';
  };
`

// overflowScript lists what the width of the view cuts.
const overflowScript = `() => {` + helpers + `
  const root = document.documentElement, width = root.clientWidth, found = [];
  const tooWide = root.scrollWidth > width;
  if (tooWide) found.push('the page is ' + root.scrollWidth + ' px wide and the view ' + width);
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility() || element.closest('[tabindex="0"]')) continue;
    const right = Math.round(element.getBoundingClientRect().right);
    if (tooWide && right > width + 1) found.push(describe(element) + ' ends at ' + right + ' px');
    const clips = getComputedStyle(element).overflowX !== 'visible';
    const hidden = element.clientWidth <= 1; // what is there for a screen reader alone
    if (clips && !hidden && element.scrollWidth > element.clientWidth + 1) found.push(describe(element) + ' hides a part of itself');
  }
  return found.slice(0, 20);
}`

// cutScript lists what a sheet cuts that has a width and a height between its margins.
const cutScript = `(width, height) => {` + helpers + `
  const found = [];
  document.documentElement.style.width = width + 'px';
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const left = Math.round(box.left), right = Math.round(box.right);
    if (right > width + 1 || (left < -1 && right > 0)) {
      found.push(describe(element) + ' goes from ' + left + ' to ' + right + ' px of ' + width);
    }
    if (style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) {
      found.push(describe(element) + ' hides a part at its side');
    }
    if (style.overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1) {
      found.push(describe(element) + ' hides a part below');
    }
    if (style.breakInside.startsWith('avoid') && box.height > height) {
      found.push(describe(element) + ' is ' + Math.round(box.height) + ' px high, and a sheet ' + height);
    }
  }
  document.documentElement.style.width = '';
  return found.slice(0, 20);
}`

// coloursScript lists the pairs of colours of the page's texts, each with one of its texts. What cannot be operated now is left out (WCAG
// 2.2, 1.4.3, "Incidental"), and so are texts in an SVG, which may lie on shapes.
const coloursScript = `() => {` + helpers + `
  const pairs = new Map(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || element.closest('svg, script, style, :disabled, [aria-disabled="true"]') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const pair = { Text: text.slice(0, 60), Front: hex(style.color), Ground: ground(element), Large: large };
    pairs.set(pair.Front + ' ' + pair.Ground + ' ' + large, pair);
  }
  return [...pairs.values()];
}`

// reachableScript keeps what the keyboard must reach, in the order of the page, and lists it: what can be operated, and what is scrolled
// by itself. A page that lives may get other elements meanwhile.
const reachableScript = `() => {` + helpers + `
  const all = document.querySelectorAll('a[href], button, select, input, textarea, summary, [tabindex="0"]');
  window.reachable = [...all].filter((element) => element.checkVisibility() && !element.disabled);
  document.activeElement?.blur();
  return window.reachable.map(describe);
}`

// focusedScript is the place of what has the focus among the elements that reachableScript has kept, -1 for another one, and how it shows
// that.
const focusedScript = `(least) => {` + helpers + `
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= least;
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    Index: window.reachable.indexOf(at), Outlined: at.matches(':focus-visible') && outlined, Seen: seen,
    Outline: hex(style.outlineColor), Ground: ground(at.parentElement),
  };
}`
