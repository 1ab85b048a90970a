/** Whatever a part of the page shows, as an image: texts, lines, boxes and canvases where they stand. */
export function pictureOf(root: HTMLElement, caption: string): HTMLCanvasElement {
  const box = root.getBoundingClientRect();
  const ratio = devicePixelRatio;
  const style = getComputedStyle(root);
  const captionPx = Number.parseFloat(style.fontSize) * 2;
  const height = Math.max(root.scrollHeight, box.height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round((height + captionPx) * ratio);
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, box.width, height + captionPx);
  context.fillStyle = style.color;
  context.font = fontOf(style);
  context.textBaseline = 'middle';
  context.fillText(caption, 8, captionPx / 2);
  context.translate(-box.left, captionPx - box.top + root.scrollTop);
  paint(context, root, true);
  return canvas;
}

/** What is for hands only. */
const CONTROLS = '.tools, .filter, .popover, .value-axis, .hair, .selection, input';

function paint(context: CanvasRenderingContext2D, element: Element, isRoot = false): void {
  if (element.matches(CONTROLS) || !element.checkVisibility()) return;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  context.save();
  context.globalAlpha *= Number(style.opacity);
  paintBox(context, style, box);
  if (!isRoot && style.overflowY !== 'visible') {
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
  }
  if (element instanceof HTMLCanvasElement)
    context.drawImage(element, box.left, box.top, box.width, box.height);
  else if (element instanceof HTMLSelectElement) {
    paintText(context, element.selectedOptions[0]?.text ?? '', style, box.left + 4, box);
  } else {
    for (const child of element.childNodes) {
      if (child instanceof Element) paint(context, child);
      else if (child instanceof Text) paintWords(context, child, style);
    }
  }
  context.restore();
}

function paintBox(context: CanvasRenderingContext2D, style: CSSStyleDeclaration, box: DOMRect): void {
  const { left, top, width, height } = box;
  context.fillStyle = style.backgroundColor;
  context.fillRect(left, top, width, height);
  if (style.backgroundImage.startsWith('repeating')) {
    context.fillStyle = style.color;
    for (let x = 0; x < width; x += 6) context.fillRect(left + x, top, Math.min(4, width - x), height);
  } else if (style.backgroundImage.startsWith('linear')) {
    const colors = style.backgroundImage.match(/rgba?\([^)]*\)/g) ?? [];
    const ramp = context.createLinearGradient(left, 0, left + width, 0);
    for (const [index, color] of colors.entries()) ramp.addColorStop(index / (colors.length - 1), color);
    context.fillStyle = ramp;
    context.fillRect(left, top, width, height);
  }
  const lineWidth = Number.parseFloat(style.borderTopWidth);
  if (lineWidth === 0) return;
  context.strokeStyle = style.borderTopColor;
  context.lineWidth = lineWidth;
  // A line above rows is no frame around them.
  if (Number.parseFloat(style.borderLeftWidth) > 0) {
    context.strokeRect(left + lineWidth / 2, top + lineWidth / 2, width - lineWidth, height - lineWidth);
  } else context.fillRect(left, top, 0, 0);
}

/** Words on the lines on which they stand. */
function paintWords(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration): void {
  const range = document.createRange();
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    if (box.width > 0) paintText(context, word, style, box.left, box);
  }
}

function paintText(
  context: CanvasRenderingContext2D,
  text: string,
  style: CSSStyleDeclaration,
  left: number,
  { top, height, width }: DOMRect,
): void {
  context.fillStyle = style.color;
  context.font = fontOf(style);
  context.textBaseline = 'middle';
  context.fillText(text, left, top + height / 2);
  if (style.textDecorationLine === 'line-through') context.fillRect(left, top + height / 2, width, 1);
}

function fontOf({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration): string {
  return `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
}

/** @throws Error where the browser makes no image of it, being too large */
export async function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
  if (blob === null) throw new Error('the browser cannot make an image of this size');
  return blob;
}
