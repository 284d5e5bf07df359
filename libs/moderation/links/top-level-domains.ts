/** Ends of domains that are hardly anything else: `name.com` in a text is a link without anything around it. */
const PLAIN = `
  com net org info biz pro mobi tel asia coop aero edu gov mil int arpa onion
  agency app apps capital casino cfd cloud club cyou email finance guru hosting icu international investments kim lat llc
  ltd media network ninja online poker porn promo sbs sex sexy shop site software store tech technology tokyo trading
  vegas vip webcam website wiki xxx xyz yoga
  ac ad ae af ag ai al ao aw ax az ba bb bd bf bg bh bj bm bn bo br bs bt bw bz ca cc cf cg ch ci ck cl cm cn
  co cr cu cv cw cx cy cz dj dk dm dz ec ee eg er et eu fi fj fk fm fo fr ga gb gd ge gf gi gl gm gn gp gq
  gr gt gu gw gy hk hm hn hr ht hu io iq ir jm jo jp ke kg kh ki km kn kp kr kw ky kz lb lc lk lr ls lt lu
  lv ly mc mg mh mn mo mp mq mr mt mu mv mw mx mz nc nf ng ni nl np nr nz pe pf pg ph pk pn pr pt pw qa
  ro ru rw sb sc sd sg sk sl sm sn ss su sv sx sy sz tc td tf tg th tj tk tl tm tn tr tt tv tw tz ua ug uk uy
  vc vg vi vn vu wf ws yt za zm zw
  бг бел дети ею мкд мон москва онлайн орг рус рф сайт срб укр қаз ευ ελ հայ გე
  中国 中國 中信 中文网 公司 公益 台湾 台灣 商城 商店 商标 在线 手机 政府 新加坡 机构 组织机构 澳門 移动 网址 网店 网站 网络
  集团 香港 한국 닷컴 닷넷 コム みんな ไทย ລາວ भारत भारोत ভারত বাংলা ਭਾਰਤ ભારત இந்தியா இலங்கை భారత్ ಭಾರತ ഭാരതം
  ایران ابوظبي الاردن الجزائر السعودية السودان العراق المغرب امارات بازار پاکستان تونس سورية شبكة عرب عمان
  فلسطين قطر كوم مصر موقع همراه
`;

/** Ends that are ordinary words or kinds of files too ("yes.it is", "README.md"): a link with a path or `www.`. */
const AMBIGUOUS = `
  am ar as at au be bi by cd de do es gg gh gs id ie il im in is it je la li ma md me mk ml mm ms my na ne no nu om
  pa pl pm ps re rs sa se sh si so sr st to us uz va ve zip mov py
  academy art baby bank bar beer best bet bid bio black blog blue bond book bot box build business buzz cab cafe cam camp
  car cards care cars cash cat center chat city cleaning click clothing code codes coffee community company computer
  consulting contact cooking cool country coupons credit crypto dance data date day deals design dev diamonds diet digital
  directory doctor dog download earth eat eco education energy engineer events exchange expert exposed express fail
  faith fan fans farm fashion film fire fish fit fitness flights florist flowers fly foo food football forsale
  forum foundation free fun fund furniture futbol fyi gallery game games garden gay gift gifts gives glass global gold golf
  gratis green group guide guitars hair haus health help hockey holdings home horse host house how inc industries ink
  institute irish jetzt jewelry jobs juegos kaufen kitchen kiwi land law lease legal life lighting limited limo link live
  living loan lol love luxury makeup management map maps market marketing mba men meme mom money monster movie name new news
  now nyc observer one ong page paris partners party pet phd photo photography photos pics pink pizza place play plumbing
  plus press productions property pub quest racing realty red rehab rent rentals repair report republican rest restaurant
  review reviews rich rip rocks rodeo run safe sale salon school science security select services shopping show singles ski
  skin soccer social solar solutions soy space stream studio style supplies supply support surf surgery systems talk tattoo
  tax taxi team tennis theater tickets tienda tips today tools top tours town toys trade training travel tube university uno
  vacations ventures vet viajes video villas vin vision vodka vote voting voyage watch weather web weber wedding win wine work
  works world wtf you zone
`;

const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/));

const PLAIN_ENDS: ReadonlySet<string> = words(PLAIN);
const AMBIGUOUS_ENDS: ReadonlySet<string> = words(AMBIGUOUS);

export type DomainEnd = 'plain' | 'ambiguous' | 'unknown';

/**
 * How sure it is that a name with this last label (lower-case, ASCII or Unicode) is a domain. Not all ends that exist
 * are known here: with a scheme (`https://`) any is a link.
 */
export function domainEnd(label: string): DomainEnd {
  if (AMBIGUOUS_ENDS.has(label)) return 'ambiguous';
  return PLAIN_ENDS.has(label) || label.startsWith('xn--') ? 'plain' : 'unknown';
}

/** For "name dot com": ends that are no words of ordinary sentences. */
export const SPELLED_ENDS = 'com|net|org|info|biz|io|ru|xyz|app|dev|onion';
