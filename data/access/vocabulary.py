"""Words that tell a name from what is none: given names, and the words of ordinary sentences.

None of these lists is complete, and none needs to be: a capital letter or a cue (``patient``,
``Mrs.``) finds names that stand in no list, and an organisation's own words are passed as ``keep``.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN = _words("""
aaliyah aaron abdul abdullah abigail abraham adam adele adrian adriana agnes agnieszka ahmad ahmed
aidan aiden aisha akira alan alana alastair albert alberto alejandra alejandro aleksandr
alessandro alex alexa alexander alexandra alexis alfred alfredo ali alice alicia alina alison
allison alvaro alyssa amalia amanda amara amelia amina amir amit amy ana anastasia anders andre
andrea andreas andres andrew andrzej andy angela angelica angelina angelo anil anita anjali ann
anna anne annette annie anthony antoine anton antonia antonio arash arjun arlene armando arthur
arturo arun asha ashley astrid audrey augusto aurelio ayesha barbara beatrice beatriz becky
belinda benjamin bernadette bernard bernardo bernice bertha beth bethany betty beverly bianca
birgit bonnie boris boyan brandi brandon brenda brendan brent brian brianna bridget britney bruno
bryan caitlin caleb cameron camila camille candice carla carlos carmen caroline carolyn carrie
caspar cassandra catalina caterina catherine cathy cecilia celeste celia cesar chandra charlene
charles charlotte chen cheryl chiara chidi chloe christina christine christopher cindy claire
clara claudia clifford colleen concepcion conrad consuelo corey cornelius courtney craig cristian
cristina curtis cynthia damian damien dana daniel daniela danielle danilo danny daphne darius
darlene darnell darren darryl dave david deborah debra deepak deirdre delia delores denise dennis
derek desmond devin diana diane diego dieter dimitri dirk dmitri dolores dominic dominique donald
donna dora doreen doris dorothy douglas duane dustin dwayne dwight dylan ebony eddie eduardo
edward edwin eileen elaine eleanor elena eli elias elisa elizabeth ella ellen ellie elliott eloise
elsa elsie elvira emil emilia emiliano emilio emily emma enrique eric erica erik erika ernest
ernesto esperanza esteban estelle esther ethan eugene eugenia eva evan evelyn ezekiel fatima fatma
fatou federico felicia felipe felix fernanda fernando fiona francesca francesco francisca
francisco francois franz freddie frederick frida fumiko gabriel gabriela gabrielle gareth gary
geoffrey george georgina gerald geraldine gerard gertrude gianna gilbert gina giorgio giovanni
gisela gita giulia giuseppe gladys glenda glenn gloria gordon graciela graham greg gregory greta
gretchen guadalupe guillermo gustavo gwen hannah hans harold harriet haruto harvey hassan hector
heidi heinrich helen helena helga henrik henry herbert herman hiroshi holly howard hugo hussein
hyun ian ibrahim ignacio ines ingrid irene irina irma isaac isabel isabella isaiah ismael ivan
ivana jackie jaclyn jacob jacqueline jae jaime jake jamal james jamie jana jane janet janice jared
jasmine jason javier jayden jeanette jeffrey jelena jenna jennifer jenny jeremiah jeremy jermaine
jerome jerry jessica jesus jill jim jimenez jimmy jin joachim joan joann joanna joanne joao
joaquin jocelyn jodie joe joel joey johan johann johanna john johnny jonas jonathan jorge jose
josef josefina joseph josephine joshua josue jovan juan juana juanita judith judy julia julian
juliana julie julio jurgen justin kaitlyn kamal karen karim karin karina karl karla kate katharina
katherine kathleen kathryn kathy katie katrina kayla keiko keisha keith kelly ken kenji kenneth
kerry kevin khadija khalid kiara kimberly kirsten klaus konstantin kristen kristin kristina
krzysztof kumar kurt kwame kyle lakshmi lamar lars latoya laura lauren laurence laurie lawrence
leah leila lena leo leon leonard leonardo leroy leslie leticia liam lillian linda lindsay lindsey
linh lisa lorena lorenzo loretta lori lorraine louis louisa louise lourdes luc luca lucas lucia
luciana lucille lucy luigi luis luisa luke luz lydia lynn mackenzie madeline magdalena mahmoud
maja malcolm malik mandy manoj manuel manuela marc marcel marcela marcia marco marcos marcus
margaret margarita maria mariam mariana marie marilyn marina mario marion marisol marjorie marlene
marta martha martin martina marvin mary maryam mateo matilda matteo matthew matthias maureen
maurice mauricio maxine megan mehmet mei melanie melinda melissa meredith miah michael michaela
michel michele michelle miguel mikhail mila mildred milos minh miranda miriam mohamed mohammad
mohammed mohan moira monica monique morgan muhammad mustafa myra myrtle nadia nancy naomi natalia
natalie natasha nathan nathaniel neha neil nelson ngoc ngozi nguyen nicholas nicolas nicole nigel
nikhil nikolai nina noah noel noelle nora norma norman olga oliver olivia oluwaseun omar omari
orlando oscar oskar otto owen pablo pamela paola patricia patrick paul paula paulina pauline paulo
pawel pedro peggy penelope percy pete peter petra philip phillip phyllis pierre piet pilar piotr
prakash preeti priya rachel rafael rahul raj rajesh ralph ramon ramona randall randy raquel rashid
raul ravi raymond rebecca regina reginald reiko rene renee rhonda ricardo riccardo richard ricky
rita robert roberta roberto rocio roderick rodney rodolfo rodrigo roger roland rolf ronald ronnie
rosa rosalia rosalie rosalind rosario rosemarie roxanne ruben rudolf rudy rupert russell ruth ryan
sabrina salma salvador salvatore sam samantha samir samuel sandeep sandra sanjay sanne santiago
sara sarah sasha scott sean sebastian selena serena sergei sergio shanice shannon sharon shaun
shauna sheila shelby sheryl shirley sienna silvia simon simone sofia soledad sonia sophia sophie
stacey stacy stanley stefan stefano stella stephanie stephen steve steven stuart sunita susan
susana susanna suzanne sven svetlana sylvia takashi tamara tamika tammy tanisha tanya tara tariq
tasha tatiana teresa terrence terry thanh thelma theodore theresa thomas tiffany tim timothy tina
tobias todd tom tomas tommy toni tony tracy travis trevor tricia tristan tyrone ulrich ursula
valentina valeria valerie vanessa vera veronica vicente vicki victoria vijay vikram vincent
vincenzo vivian vladimir walter wanda wayne wei wendy werner wesley wilfred wilhelm william willie
winston wolfgang xavier ximena xiomara xochitl yasmin yolanda yosef youssef yuki yuri yusuf yvette
yvonne zachary zainab zoe zoey zofia
""")
"""First names that are hardly ever another word: taken for names in any case, anywhere."""

GIVEN_OR_WORD = _words("""
alma amber angel april art august aurora autumn bill bob brook carol carolina chad chance charity
chase chelsea chip christian clay crystal daisy dale dawn dean destiny devon drew earl eve faith
florence frank gene georgia ginger glen grace grant guy hazel heath heather hope iris ivy jack
jade jan jasper jay jean jewel jim jordan josh joy jun june kay kelvin kim lance lane lee lily
madison mark matt max may melody mercedes miles nick olive pat pearl penny pierce price ray reed
rich rob robin rod roman rose ruby rusty sage sally sandy sierra skip sky sterling sue summer ted
trinity troy victor violet virginia wade ward will wren
""")
"""First names that are also words: taken for names with a capital letter, away from a start."""

SURNAME_OR_WORD = _words("""
baker banks barber bell berry best bird bishop black bond brown bush butcher butler carpenter
carter chambers church clay cook cooper cross day dean drake farmer field fields fisher flowers
ford fox french frost gardner gold good grant gray green hall hardy hart hill holmes house hunt
hunter king knight lake lamb lane law little long love marsh martin mason may miller moon moore
noble page park parker parks piper pope porter post potter powers price prince reed rice rich
rivers rose rush sharp shepherd singer small snow speed spring stone strong summers swan sweet
taylor temple tucker turner walker wall ward waters weaver weeks wells west white wise wolf wood
woods wright young
""")
"""Family names that are also words: names after a first name."""

PARTICLES = _words(
    "de del della der den di da das dos du la las le los van von ter bin ibn al el y"
)
"""Small words inside a family name."""

SAINTS = _words("san santa santo saint st ste")
"""With one of these before it, a first name is a town or a hospital."""

HONORIFICS = _words("""
dr frau herr madame miss mme monsieur mr mrs ms mx prof professor señor señora señorita sr sra
srta
""")

PERSON_CUES = _words("""
brother caller client dad daughter doctor father guardian husband member mom mother nurse paciente
patient patients physician pt referrer relative sister son wife
""")
"""A name may follow at once: ``patient jane doe``."""

NAME_CUES = _words("name named called surname nombre namens")
"""What follows is a name: ``her name is``, ``a woman named``."""

BESIDE_NAMES = _words("""
about after am and ask because before book but by call contact did does email follow for from has
if is like meet notify of or phone remind schedule see tell text than that to until was when with
""")
"""A capitalised word that nothing else explains, behind one of these, is taken for a name."""

CALENDAR = _words("""
apr april aug august christmas dec december easter feb february fri friday jan january jul july
jun june mar march may mon monday nov november oct october sat saturday sep sept september sun
sunday thanksgiving thu thur thurs thursday tue tues tuesday wed wednesday
""")

PLACES = _words("""
african alabama alaska amazon america american android apple arabic arizona arkansas asian
australia britain california canada carolina china chinese colorado connecticut dakota delaware
england english europe european federal florida france french georgia german germany github gitlab
google hampshire hawaii hispanic idaho illinois india indiana iowa ireland italy japan jersey
kansas kentucky korean latino linux louisiana macos maine maryland massachusetts medicaid medicare
mexico michigan microsoft minnesota mississippi missouri montana nebraska nevada ohio oklahoma
oregon pennsylvania portuguese rhode russian spain spanish tennessee texas tricare uk us usa utah
vermont vietnamese virginia washington windows wisconsin wyoming york
""")

COMMON = _words("""
a abdomen abdominal able about above accept accepted access accessible according account accounts
action active activity actual acute add added additional address admission adult adults advance
advice affect after afternoon again against age aged agent ages ago agree ahead aid alert all
allergic allergies allergy allow allowed allows almost alone along already also although always am
ambulatory among amount an and anemia aneurysm angiogram ankle annual another answer any anyone
anything anyway appear applies apply appointment appointments approval approve approved approver
area arm arms around arrange arrival arrive arrived as ask asked asking asks assign assigned
assignee assignment assist assistance assume asthma at attach attached attend author authorization
auto automatic available avoid away back bad balance band base based basic battery be because
become been before begin being belly belongs below beside besides best better between beyond big
bigger bill billed billing biopsy birth birthday block blocked blood board body bone bones book
booked booking both bother bottom bowel brain branch breast breasts breath bring brought bug bugs
build busy but button by call callback called caller calls came can cancel canceled cancelled
cancer cannot cap card cardiac cardiologist care careful caregiver carry case cases cast category
cause center centre certain change changed changes channel charge chart check checked checks chest
child children choice choose chronic claim claims class classes claustrophobia claustrophobic
clean cleaned clear clearance clerk client clinic clinical clinics close closed code coded coder
codes collect colon come comes comment commit common company compare complain complete completed
component computer concern concerning condition conditions confirm confirmed confirms consent
consider contact contacts contain contains contrast control copay copy correct cost could count
country counts couple course cover coverage covered covers crash create created creatinine
critical current currently customer cut daily data date dated dates day days deal decide decided
decides decision decisions default define delay deliver delivery demand dementia denied dental
dentist deny department depend dependent depends describe described description desk detail
details determine dexa diabetes diabetic diagnosed diagnosis diagnostic dialysis did die diet
differ difference different difficult difficulty digital direct directly disability disabled
discard discuss disease do doc doctor doctors document does dog doing don done door dose double
down draft drive driver drop drops due duration during each earlier earliest early earn easier
easy eat eating edit effect effective eight either elbow elderly electronic elevator eligible else
email emergency employee empty end ended ends engineer engineers english enough ensure enter
entire entry equal equipment error errors escort especially estimate eta evaluation even evening
evenings event ever every everybody everyone everything exactly exam examination examinations
example exams except exception exceptions exclude expect expected explain explanation extra eye
eyes face facility fact facts fail failed fails fall falls false family far fast fasting fax fear
federal fee feel feels feet female females fever few field file files fill final find fine first
fit five fix fixed flag floor fluid follow followed following follows food foot for force form
former forward found four fracture frame free frequency from front full function funded further
future gave general generally get gets getting girl girls give given gives giving glucose go goes
going gone good got government great greater group guardian guest guide had half hand handle hands
happen happens hard has hasn have haven having he head health hear hearing heart heavy height held
hello help helps her here hers hi hid high higher hip hips his history hold home hospital hour
hours house how however human hundred hurt i id idea identify if image images imaging immediate
immediately immigrant implant implants important in include included includes including incorrect
increase indeed indicated indication individual infant infants infection info inform information
initial injury inpatient inside instead instruction instructions insulin insurance insured insurer
intake internal interpreter into invalid invoice is isn issue issues it item items its itself job
join joint joints just keep keeps kept key kid kidney kidneys kids kind knee knees knew know known
knows label labels labs language large larger last late later latest latex law least leave leaves
left leg legs less let letter level levels lift light like likely limit limited line lines link
list listed lists little live liver lives living lobby local location locations log long longer
look looking looks lost lot low lower lumbar lump lung lungs machine made mail main maintainer
maintainers major make makes making male males mammo mammogram mammograms mammographer mammography
man manage manager mandatory manual many mark marked married mass master match maximum may maybe
me meal mean means meant measure medical medication medications medicine meet meeting meets member
members memory men menopause mention merge message messages met metal metformin method middle
might mild milestone mine minimum minor minute minutes miss missed missing mobile mobility model
moderate modifier modifiers moment money month monthly months more morning mornings most mother
move moved mri much multiple must my name named names narrow national near nearby nearest nearly
neck need needed needing needs negative neither network never new newborn newborns newer newest
next night nine no nobody node non none nor normal normally north not note notes nothing notify
now number numbers nurse nursery nursing obese obtain occur of off offer offered office officer
often oh ok okay old older oldest on once oncologist one ones online only onto open opened operate
operator option optional or oral order ordered ordering orders organ organisation organization
original other others otherwise our out outpatient outside over overnight overrides own owner
oxygen pacemaker page paid pain panel paper paramedic parent parents park part partial particular
partner parts party pass past path patient patients pause pay payer payers pays pediatric pelvic
pelvis pending people people's per perform performed period permit person personal persons
pharmacist phase phone phones physician pick picked place placed plain plan plans plate play
please plus pm point policies policy portal position positive possible post practice pre prefer
preferred prefers pregnancy pregnant prep preparation prepare present prevent previous previously
price primary print prior priority private probably problem problems procedure procedures process
product production program project promote proof proper prosthesis protocol prove provide provided
provider providers pull purpose push put question questions queue quick quickly quite quote
radiologist radiology raise ramp range rate rather ray rays reach reached read reads ready real
really reason reasons receive received recent recently reception record records reduce refer
reference referral referrals referred referring refers refuse regarding region regular regulation
reject related release remain remaining remember remind reminder remote remove removed renal
repair repeat replace report reports repository request requested requester requests require
required requirement requires reschedule rescheduled resident resolve respond response rest result
results retire return review reviewed reviewer reviews right ring risk role roll room rooms route
routed routine rule rules run running runs safe safety said same saw say saying says scan scanner
scans schedule scheduled scheduler schedules scheduling school scope screen screening screenings
search second secondary section security sedated sedation see seeing seem seems seen select self
send senior sent separate serious serum server serves service services session set sets seven
several severe sex shall she sheet shift short shot should shoulder show shows sick side sight
sign signed similar simple simply since single sit site six size skin skip skull slot slots slow
small smoke smoked smoker smokers smokes smoking so software some somebody someone something
sometimes son soon sooner sore sorry sort source south special specialist specific specified spell
spine spoke spot spouse staff stage stand standard start started starting starts state stated
states status stay stays step steps still stomach stop stopped stops stroke student students study
subject submit such sudden suffer sugar suggest supervisor supply support suppose sure surgeon
surgery surgical suspect suspected swallow swelling symptom symptoms system table take taken takes
taking talk task teacher team teams tech technician technologist technologists teen teenager teens
tell temporary ten term test tested testing tests than thank thanks that the their them then
therapist therapy there these they thing things think third this thoracic those though thousand
three through thus thyroid ticket till time times tissue to today toddler together told tomorrow
tonight too took tool top total toward track training transfer transferred translator transport
transportation travel treat treated treatment triage trial tried true try trying tube tumor turn
two type types ultrasound unable uncertain under understand unit unknown unless unlike unpaid
until unusual up update updated upon upper urgent us use used user users uses using usual usually
vague valid value values van vein vendor version versions very veteran veterans via view violation
visit visits voice volume wait waiting walk walker walking wall want wanted wants warn warning was
wasn watch water way we wear wears week weekday weekdays weekend weekends weekly weeks weight
welcome well went were weren west what whatever wheelchair wheelchairs when whenever where whether
which while who whole whom whose why wide wife will window wish with within without woman women
won word words work worker workers working works world worry worse would wouldn wound wrist write
wrong x xray yard year yearly years yes yesterday yet you young younger youngest your yours youth
zero
""")
"""Words of ordinary sentences about appointments, rules and tickets; their endings are stripped."""

ACRONYMS = _words("""
am api asap bmi ca cd ci cli copd cpt cpu css ct cta dexa do dob dxa ecg ed egfr ekg ent er eta eu
faq fl fyi gfr gi gp gpu gyn hipaa hiv hmo html http https icd icu id iv json md mr mra mri mrn np
ny ob obgyn oh ok opd or os pa pdf pet pm ppo pr psa qa ram rn sdk sql ssn tx ui uk url us usa ux
xr yaml
""")
"""Capital letters that are no name."""

ENDINGS = [
    "ing",
    "ed",
    "ly",
    "tion",
    "sion",
    "ment",
    "ness",
    "ous",
    "ic",
    "ics",
    "ical",
    "able",
    "ible",
    "al",
    "ive",
    "less",
    "ful",
    "ity",
    "ism",
    "gram",
    "graph",
    "graphy",
    "scopy",
    "scan",
    "ology",
    "itis",
    "osis",
    "emia",
    "oma",
    "ectomy",
    "ance",
    "ence",
    "ary",
    "ate",
    "ize",
    "ise",
    "ships",
    "phobic",
    "plasty",
    "pathy",
]
"""Endings of ordinary words, where a lower-case word behind a cue is in no list."""
