package main

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// paths are the pages with data.
var paths = []string{"/", "/trends", "/activity", "/year"}

// screens are their sizes in CSS pixels.
var screens = map[string][2]int64{"phone": {390, 844}, "small phone": {320, 640}, "tablet": {768, 1024}, "desktop": {1280, 900}}

// Every page fits every screen, and can be read in the light and in the dark.
func (b *browser) screensTest(t *testing.T) {
	background := map[string]string{}
	for name, size := range screens {
		b.screen(size[0], size[1])
		for _, scheme := range []string{"light", "dark"} {
			if scheme == "dark" && name != "phone" && name != "desktop" {
				continue // colours do not depend on the size
			}
			b.prefer(scheme)
			for _, path := range paths {
				b.open(path)
				where := fmt.Sprintf("%s on a %s, %s", path, name, scheme)
				if overflow := value[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); overflow > 0 {
					t.Errorf("%s: %d pixels too wide", where, overflow)
				}
				for _, problem := range value[[]string](b, illegible) {
					t.Errorf("%s: %s", where, problem)
				}
				background[scheme] = value[string](b, "getComputedStyle(document.body).backgroundColor")
				b.picture(name + "-" + cmp.Or(path[1:], "night") + "-" + scheme)
			}
		}
	}
	if background["light"] == background["dark"] {
		t.Errorf("the page is %s in the light and in the dark", background["light"])
	}
}

// illegible lists texts whose contrast is below 4.5 to 1, which is what WCAG 2 asks for, what is wider than its
// card, labels of charts that overlap or are cut off, charts that do not begin at one left edge, and durations that a line
// break can part.
const illegible = `(() => {
	const problems = [];
	const channels = color => color.match(/[\d.]+/g).map(Number);
	const luminance = color => {
		const [r, g, b] = channels(color).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = element => {
		for (let e = element; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor, alpha = channels(color)[3];
			if (alpha === undefined || alpha === 1) return color;
			if (alpha > 0) problems.push("a background is half transparent: " + e.className);
		}
		return "rgb(255, 255, 255)";
	};
	let texts = 0;
	for (const e of document.querySelectorAll("body *")) {
		if (e.closest(".hidden") || !e.checkVisibility({visibilityProperty: true}) || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
		texts++;
		const style = getComputedStyle(e);
		const levels = [luminance(e instanceof SVGElement ? style.fill : style.color), luminance(behind(e))].sort((a, b) => a - b);
		const contrast = (levels[1] + 0.05) / (levels[0] + 0.05);
		if (contrast < 4.5) problems.push("contrast of " + contrast.toFixed(2) + ": " + e.textContent.trim().slice(0, 40));
		if (parseFloat(style.fontSize) < 11) problems.push("small text: " + e.textContent);
	}
	if (texts < 20) problems.push("there are only " + texts + " texts");
	for (const card of document.querySelectorAll("section, figure, .notice, .tiles > div")) {
		if (card.scrollWidth > card.clientWidth + 1) problems.push("wider than its card: " + card.textContent.trim().slice(0, 40));
	}
	const lefts = new Set();
	for (const chart of document.querySelectorAll("figure .chart")) {
		const card = chart.closest("figure").getBoundingClientRect();
		lefts.add(chart.getBoundingClientRect().left);
		const labels = [...chart.querySelectorAll("span")].filter(e => e.checkVisibility()).map(e => [e.textContent, e.getBoundingClientRect()]);
		if (labels.length < 4) problems.push("a chart has only " + labels.length + " labels");
		labels.forEach(([text, a], i) => {
			if (a.left < card.left || a.right > card.right) problems.push("cut off: " + text);
			for (const [other, b] of labels.slice(i + 1)) {
				if (a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2) problems.push(text + " overlaps " + other);
			}
		});
	}
	if (lefts.size > 1) problems.push("charts begin at " + [...lefts]);
	for (const e of document.querySelectorAll("main *")) {
		if (e.closest(".hidden") || ![...e.childNodes].some(n => n.nodeType === 3 && /\d (h|min)/.test(n.data))) continue;
		problems.push("a duration that can break: " + e.textContent.slice(0, 60));
	}
	return problems;
})()`

// The first key press offers to skip the navigation, further ones reach all that can be pressed, and each place shows
// that it is the current one.
func (b *browser) keyboardTest(t *testing.T) {
	b.screen(1280, 900)
	b.open("/")
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := value[string](b, "document.activeElement.className"); got != "skip" {
		t.Errorf("the first Tab reaches %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	if got := value[string](b, "document.activeElement.id"); got != "main" {
		t.Errorf("the skip link leads to %q", got)
	}

	for _, path := range paths {
		b.open(path)
		count := value[int](b, `(() => {
			document.querySelectorAll("details").forEach(d => { d.open = true; });
			window.controls = [...document.querySelectorAll('a[href], button, input:not([type="radio"]), summary, [tabindex="0"]')].filter(e => e.checkVisibility({visibilityProperty: true}));
			document.addEventListener("focusin", e => {
				e.target.reached = getComputedStyle(e.target).outlineStyle !== "none";
			});
			return controls.length;
		})()`)
		const rest = `controls.filter(e => !e.reached).map(e => e.outerHTML.slice(0, 60))`
		for range 4 * count { // a field for a date has more than one place
			b.do(chromedp.KeyEvent(kb.Tab))
		}
		if missed := value[[]string](b, rest); count < 8 || len(missed) > 0 {
			t.Errorf("%s: of %d controls the keyboard does not reach, or not visibly: %q", path, count, missed)
		}
	}

	// What is reached can be used.
	b.open("/trends")
	b.do(chromedp.Focus(chromedp.CSS("figure summary")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("figure details table")))
	b.do(chromedp.Focus(chromedp.CSS(".period nav a:nth-child(1)")))
	b.leads(chromedp.KeyEvent(kb.Enter))
	if got := b.text(".sub"); got != "30 days, each by itself" {
		t.Errorf("the key press leads to %q", got)
	}
}

// What a screen reader is told: each chart is an image with a name, and so is all that can be pressed.
func (b *browser) namesTest(t *testing.T) {
	for _, path := range paths {
		b.open(path)
		images := 0
		for _, node := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
			role, name := textOf(node.Role), textOf(node.Name)
			switch {
			case node.Ignored:
			case role == "image":
				images++
				if len(name) < 30 {
					t.Errorf("%s: the name of an image is %q, and not what it shows", path, name)
				}
			case slices.Contains([]string{"link", "button", "Date", "DisclosureTriangle", "table", "region", "radio"}, role) && name == "":
				t.Errorf("%s: a %s has no name", path, role)
			}
		}
		if figures := value[int](b, `document.querySelectorAll("figure").length`); images != figures {
			t.Errorf("%s has %d images for %d charts", path, images, figures)
		}
		for _, once := range []string{"h1", "main", "title", "html[lang]"} {
			if n := value[int](b, fmt.Sprintf("document.querySelectorAll(%q).length", once)); n != 1 {
				t.Errorf("%s has %d of %s", path, n, once)
			}
		}
	}
}

func textOf(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	text := string(v.Value)
	if len(text) > 1 && text[0] == '"' {
		text = text[1 : len(text)-1]
	}
	return text
}
