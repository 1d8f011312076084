/** Mantine in Strongroom's colours, sizes and manners. */
import { Anchor, Badge, Button, createTheme, defaultVariantColorsResolver, Tooltip } from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple, VariantColorsResolver } from '@mantine/core';

const petrol: MantineColorsTuple = ['#EAF4F6', '#D5E9ED', '#BFDDE2', '#85D3E1', '#57B9CB', '#2F93A6', '#1A7688', '#0B6375', '#084F5E', '#063A46'];
const red: MantineColorsTuple = ['#FCEEEC', '#F8DAD7', '#F0B9B4', '#FF8F85', '#F0776C', '#DB5A4F', '#C63D33', '#B3261E', '#8F1D17', '#6B1510'];
const gray: MantineColorsTuple = ['#F8F9F9', '#F3F5F5', '#EEF2F2', '#E1E6E6', '#CDD5D6', '#7F8B8E', '#5D6A6E', '#4A565A', '#1C2629', '#131A1C'];
const dark: MantineColorsTuple = ['#E9EEEF', '#AEBABD', '#93A1A5', '#6E7F85', '#37444A', '#263034', '#1D2426', '#161B1D', '#121718', '#0F1314'];

/** Filled is our accent, or red for what destroys, with the ink that is read on it. */
const variantColorResolver: VariantColorsResolver = (input) => {
  if (input.variant !== 'filled') return defaultVariantColorsResolver(input);
  const kind = input.color === 'red' ? 'danger' : 'accent';
  return { background: `var(--${kind}-fill)`, hover: kind === 'accent' ? 'var(--accent-2)' : 'var(--danger-fill)', color: `var(--on-${kind})`, border: '1px solid transparent' };
};

export const theme = createTheme({
  variantColorResolver,
  colors: { petrol, red, gray, dark },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  black: '#131A1C',
  defaultRadius: 6,
  respectReducedMotion: true,
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11px', sm: '13px', md: '13px', lg: '14px', xl: '16px' },
  headings: { fontFamily: 'var(--sans)' },
  components: {
    Button: Button.extend({ defaultProps: { variant: 'default', h: 32, px: 12, fz: 13, fw: 500 } }),
    Badge: Badge.extend({ defaultProps: { variant: 'default', radius: 4, tt: 'none' } }),
    Tooltip: Tooltip.extend({ defaultProps: { events: { hover: true, focus: true, touch: true }, openDelay: 300, multiline: true, maw: 320, withinPortal: false, transitionProps: { duration: 0 } } }),
    Anchor: Anchor.extend({ defaultProps: { underline: 'hover' } }),
  },
});

/** Mantine's own defaults for these fail AA on our surfaces. */
const shared = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-2)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default-border': 'var(--line-2)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-disabled-color': 'var(--text-3)',
};

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
