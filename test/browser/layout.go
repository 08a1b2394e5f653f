package browser

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/chromedp/chromedp"
)

// Overflow returns what the view's width cuts: that the page can be scrolled sideways, by which elements, and boxes that hide a part of
// their text. What is scrolled by itself, and can be reached with the keyboard for that, is none (WCAG 2.2, 1.4.10).
func (p *Page) Overflow() ([]string, error) { return Evaluate[[]string](p, overflowScript) }

// The sheet that pages are printed on, in CSS pixels of 1/96 inch: A4 is 210 by 297 mm, and the margins of the pages' style are 14 mm.
// Rules of a style that ask for a width are asked for that of the paper (Media Queries Level 4, 4.1).
const (
	paperWidth    = 794
	paperHeight   = 1123
	printedWidth  = 687  // 182 mm
	printedHeight = 1016 // 269 mm
)

// Cut returns what paper cuts of a page: what is wider than a sheet, what only scrolling shows, and what may not be broken between
// two sheets and is higher than one. The page is then shown as it is printed, until Show shows it otherwise.
func (p *Page) Cut() ([]string, error) {
	if err := p.Show(View{Width: paperWidth, Height: paperHeight, Print: true}); err != nil {
		return nil, err
	}
	return Evaluate[[]string](p, cutScript, printedWidth, printedHeight)
}

// Print prints the page to a PDF, on the paper that its style asks for.
func (p *Page) Print() ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.ctx, commandTimeout)
	defer cancel()
	printed, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if err != nil {
		return nil, fmt.Errorf("printing the page: %w", err)
	}
	return printed, nil
}

// Sheet is the size of a page of a PDF, in points of 1/72 inch.
type Sheet struct{ Width, Height float64 }

// sheet is a page of a PDF with its media box (ISO 32000-1, 7.7.3.3), as Chromium writes it.
var sheet = regexp.MustCompile(`(?s)/Type\s*/Page\b.*?/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]`)

// Sheets returns the pages of a PDF that a browser has printed.
func Sheets(pdf []byte) ([]Sheet, error) {
	var all []Sheet
	for _, found := range sheet.FindAllSubmatch(pdf, -1) {
		width, errWidth := strconv.ParseFloat(string(found[1]), 64)
		height, errHeight := strconv.ParseFloat(string(found[2]), 64)
		if err := errors.Join(errWidth, errHeight); err != nil {
			return nil, fmt.Errorf("reading the size of a PDF's page: %w", err)
		}
		all = append(all, Sheet{width, height})
	}
	if len(all) == 0 {
		return nil, errors.New("the PDF has no page")
	}
	return all, nil
}
