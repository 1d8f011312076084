/**
 * The PGP word list (Juola and Zimmermann, 1996): a byte is a word, by two lists that take turns, so that a word left out or two words swapped are heard.
 * For reading fingerprints aloud.
 */
const even = `aardvark absurd accrue acme adrift adult afflict ahead aimless Algol allow alone ammo ancient apple artist assume Athens atlas Aztec
baboon backfield backward banjo beaming bedlamp beehive beeswax befriend Belfast berserk billiard bison blackjack blockade blowtorch bluebird bombast bookshelf brackish breadline breakup brickyard briefcase Burbank button buzzard
cement chairlift chatter checkup chisel choking chopper Christmas clamshell classic classroom cleanup clockwork cobra commence concert cowbell crackdown cranky crowfoot crucial crumpled crusade cubic
dashboard deadbolt deckhand dogsled dragnet drainage dreadful drifter dropper drumbeat drunken Dupont dwelling
eating edict egghead eightball endorse endow enlist erase escape exceed eyeglass eyetooth
facial fallout flagpole flatfoot flytrap fracture framework freedom frighten
gazelle Geiger glitter glucose goggles goldfish gremlin guidance
hamlet highchair hockey
indoors indulge inverse involve island
jawbone
keyboard kickoff kiwi klaxon
locale lockup
merit minnow miser Mohawk mural music
necklace Neptune newborn nightbird
Oakland obtuse offload optic orca
payday peachy pheasant physique playhouse Pluto preclude prefer preshrunk printer prowler pupil puppy python
quadrant quiver quota
ragtime ratchet rebirth reform regain reindeer rematch repay retouch revenge reward rhythm ribcage ringbolt robust rocker ruffled
sailboat sawdust scallion scenic scorecard Scotland seabird select sentence shadow shamrock showgirl skullcap skydive slingshot slowdown snapline snapshot snowcap snowslide solo southward soybean spaniel spearhead spellbind spheroid spigot spindle spyglass stagehand stagnate stairway standard stapler steamship sterling stockman stopwatch stormy sugar surmount suspense sweatband swelter
tactics talon tapeworm tempest tiger tissue tonic topmost tracker transit trauma treadmill Trojan trouble tumor tunnel tycoon
uncut unearth unwind uproot upset upshot
vapor village virus Vulcan
waffle wallet watchword wayside willow woodlark
Zulu`.split(/\s/);

const odd = `adroitness adviser aftermath aggregate alkali almighty amulet amusement antenna applicant Apollo armistice article asteroid Atlantic atmosphere autopsy
Babylon backwater barbecue belowground bifocals bodyguard bookseller borderline bottomless Bradbury bravado Brazilian breakaway Burlington businessman butterfat
Camelot candidate cannonball Capricorn caravan caretaker celebrate cellulose certify chambermaid Cherokee Chicago clergyman coherence combustion commando company component concurrent confidence conformist congregate consensus consulting corporate corrosion councilman crossover crucifix cumbersome customer
Dakota decadence December decimal designing detector detergent determine dictator dinosaur direction disable disbelief disruptive distortion document
embezzle enchanting enrollment enterprise equation equipment escapade Eskimo everyday examine existence exodus
fascinate filament finicky forever fortitude frequency
gadgetry Galveston getaway glossary gossamer graduate gravity guitarist
hamburger Hamilton handiwork hazardous headwaters hemisphere hesitate hideaway holiness hurricane hydraulic
impartial impetus inception indigo inertia infancy inferno informant insincere insurgent integrate intention inventive Istanbul
Jamaica Jupiter
leprosy letterhead liberty
maritime matchmaker maverick Medusa megaton microscope microwave midsummer millionaire miracle misnomer molasses molecule Montana monument mosquito
narrative nebula newsletter Norwegian
October Ohio onlooker opulent Orlando outfielder
Pacific pandemic Pandora paperweight paragon paragraph paramount passenger pedigree Pegasus penetrate perceptive performance pharmacy phonetic photograph pioneer pocketful politeness positive potato processor provincial proximate puberty publisher pyramid
quantity
racketeer rebellion recipe recover repellent replica reproduce resistor responsive retraction retrieval retrospect revenue revival revolver
sandalwood sardonic Saturday savagery scavenger sensation sociable souvenir specialist speculate stethoscope stupendous supportive surrender suspicious sympathy
tambourine telephone therapist tobacco tolerance tomorrow torpedo tradition travesty trombonist truncated typewriter
ultimate undaunted underfoot unicorn unify universe unravel upcoming
vacancy vagabond vertigo Virginia visitor vocalist voyager
warranty Waterloo whimsical Wichita Wilmington Wyoming
yesteryear Yucatan`.split(/\s/);

/** The words of some bytes. @param hex lower-case, two digits a byte */
export function wordsOf(hex: string): readonly string[] {
  return Array.from({ length: hex.length / 2 }, (_, index) => {
    const byte = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
    return (index % 2 === 0 ? even : odd)[byte] ?? '?';
  });
}

/** The byte of each word at its place in the turn, or undefined where the list has no such word there. Case does not matter. */
export function bytesOfWords(words: readonly string[]): readonly (number | undefined)[] {
  const lists = [even, odd].map((list) => new Map(list.map((word, byte) => [word.toLowerCase(), byte])));
  return words.map((word, index) => lists[index % 2]?.get(word.toLowerCase()));
}

/** Words as a person types them: case, and what stands between two, do not matter. */
export function saidWords(typed: string): readonly string[] {
  return typed.toLowerCase().split(/[^a-z]+/).filter((word) => word !== '');
}

/** How many words a recovery sheet has: 20 bytes and 2 of their hash. */
export const recoveryWordCount = 22;

/** How many words of a recovery sheet were typed, and the place of the first that cannot stand there. What is not ended yet is not judged, unless it is the last. */
export function sheetWordsHeard(typed: string, ended: boolean): { readonly words: number; readonly wrong: number | undefined } {
  const words = saidWords(typed);
  const judged = ended || /[^a-z]$/i.test(typed) ? words : words.slice(0, -1);
  const wrong = bytesOfWords(judged).indexOf(undefined);
  return { words: words.length, wrong: wrong === -1 ? undefined : wrong + 1 };
}

/** How many words must be read for a fingerprint to be compared: 96 bits of it, beyond anybody's search for a second one. */
export const wordsNeeded = 12;

/** How many of the first words that were typed agree with a fingerprint, and whether one does not. Case and what stands between the words do not matter. */
export function agreement(typed: string, hex: string): { readonly agree: number; readonly differ: boolean } {
  const words = wordsOf(hex).map((word) => word.toLowerCase());
  const said = saidWords(typed);
  const agree = said.findIndex((word, index) => word !== words[index]);
  return agree === -1 ? { agree: said.length, differ: false } : { agree, differ: true };
}

/** Whether what was typed is this fingerprint: all of its hex digits, or at least its first twelve words. */
export function isFingerprint(typed: string, hex: string): boolean {
  if (typed.replace(/[\s:]/g, '').toLowerCase() === hex) return true;
  const { agree, differ } = agreement(typed, hex);
  return !differ && agree >= wordsNeeded;
}
